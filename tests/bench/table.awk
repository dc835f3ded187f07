# table.awk: the table of `make bench`. Input: the bars, then what was measured (run.sh says how both look).
#   -v head=1     the heads of the columns
#   -v only=NAME  the row of that program
#   -v tail=1     how many bars there are, and how many are missed
# Without any: all of it.
BEGIN {
    all = !head && only == "" && !tail
    peers = split("C LuaJIT LuaJIT-joff Erlang", peer, " ")
    short["LuaJIT-joff"] = "joff"
}
FILENAME ~ /bars$/ && /^[a-z]/ { nbars++; program[nbars] = $1; way[nbars] = $2; factor[nbars] = $3; of[nbars] = $4; plus[nbars] = $5 }
FILENAME !~ /bars$/ { if (!(($1) in seen)) { seen[$1] = ++n; name[n] = $1 } t[$1, $2] = $3 }

function ms(p, w,    v) {
    if (!((p, w) in t)) return "-"
    v = t[p, w]
    return v == "failed" ? v : v < 10 ? sprintf("%.2f", v) : v < 100 ? sprintf("%.1f", v) : sprintf("%.0f", v)
}
function known(p, w) { return ((p, w) in t) && t[p, w] != "failed" }
function ratio(p, a, b,    v) {
    if (!known(p, a) || !known(p, b) || t[p, b] == 0) return "-"
    v = t[p, a] / t[p, b]
    return v < 0.1 ? sprintf("%.3f", v) : v < 10 ? sprintf("%.2f", v) : sprintf("%.0f", v)
}
function called(w) { return w in short ? short[w] : w }

# One bar and whether it is reached; "" where a side was not measured.
function bar(i,    p, limit, text) {
    p = program[i]
    if (!((p, way[i]) in t) || (of[i] != "-" && !known(p, of[i]))) return ""
    limit = (of[i] == "-" ? 0 : factor[i] * t[p, of[i]]) + plus[i]
    if (way[i] == "resident") text = sprintf("%.1f MB resident≤%s", t[p, way[i]], plus[i])
    else if (way[i] == "stripped") text = sprintf("%.0f KB stripped≤%s", t[p, way[i]], plus[i])
    else if (of[i] == "-") text = way[i] "≤" plus[i] " ms"
    else if (of[i] == "unmetered") text = sprintf("%s/unmetered %s≤%s", way[i], ratio(p, way[i], of[i]), factor[i])
    else if (plus[i] > 0) text = way[i] "≤" called(of[i]) "+" plus[i] " ms"
    else text = way[i] "/" called(of[i]) "≤" factor[i]
    counted++
    if (known(p, way[i]) && t[p, way[i]] <= limit) return text " ok"
    missed++
    return text " MISSED"
}
function row(p,    i, text, bars) {
    bars = ""
    for (i = 1; i <= nbars; i++)
        if (program[i] == p && (text = bar(i)) != "")
            bars = bars (bars == "" ? "" : ", ") text
    if (tail && !all) return
    printf "%-10s", p
    for (i = 1; i <= peers; i++) printf " %8s", ms(p, peer[i])
    printf " | %8s", ms(p, "native")
    for (i = 1; i <= peers; i++) printf " %7s", ratio(p, "native", peer[i])
    printf " | %8s", ms(p, "jit")
    for (i = 1; i <= peers; i++) printf " %7s", ratio(p, "jit", peer[i])
    printf " | %s\n", bars
}
END {
    if (head || all) {
        printf "%-10s", "ms"
        for (i = 1; i <= peers; i++) printf " %8s", called(peer[i])
        for (k = 1; k <= 2; k++) {
            printf " | %8s", k == 1 ? "native" : "--jit"
            for (i = 1; i <= peers; i++) printf " %7s", "/" called(peer[i])
        }
        print " | bars"
    }
    for (k = 1; k <= n; k++)
        if (all || tail || name[k] == only)
            row(name[k])
    if (tail || all) printf "\n%d bars, %d missed\n", counted, missed
}
