# plot.awk: what was measured (lines `PROGRAM WAY MILLISECONDS`) as an SVG: for each program a bar a way, as long as the
# logarithm of its ratio to C; to LuaJIT where there is no C, to Erlang where there is neither. -v machine=TEXT
BEGIN {
    ways = split("LuaJIT LuaJIT-joff Erlang native jit", way, " ")
    split("LuaJIT|LuaJIT, its JIT off|Erlang|ionc, native|ionc --jit", label, "|")
    split("#b8c4d0 #8c9aa8 #d9a5a5 #1f6f5c #67b99a", color, " ")
    split("C LuaJIT Erlang", base, " ")
    left = 150; width = 720; top = 76; thick = 8; gap = 12
    low = -1.3; high = 2.7 # powers of ten
}
$3 != "failed" && $2 != "resident" && $2 != "stripped" { if (!(($1) in seen)) { seen[$1] = 1; name[++n] = $1 } t[$1, $2] = $3 }

function log10(v) { return log(v) / log(10) }
function x(power) { return left + (power - low) / (high - low) * width }
function clamp(power) { return power < low ? low : power > high ? high : power }
function escaped(s) { gsub(/&/, "\\&amp;", s); gsub(/</, "\\&lt;", s); return s }

END {
    y = top
    for (k = 1; k <= n; k++) {
        b = ""
        for (i = 1; i <= 3 && b == ""; i++) if ((name[k], base[i]) in t) b = base[i]
        if (b == "") continue
        text = text sprintf("<text x=\"%d\" y=\"%d\" text-anchor=\"end\" class=\"name\">%s</text>\n", left - 8, y + 12, name[k])
        text = text sprintf("<text x=\"%d\" y=\"%d\" text-anchor=\"end\" class=\"note\">%s %.3g ms</text>\n", left - 8, y + 25, b, t[name[k], b])
        start = y
        for (i = 1; i <= ways; i++) {
            if (!((name[k], way[i]) in t) || way[i] == b) continue
            ratio = t[name[k], way[i]] / t[name[k], b]
            from = x(0); to = x(clamp(log10(ratio)))
            if (to < from) { swap = from; from = to; to = swap }
            text = text sprintf("<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n", from, y, to - from < 1 ? 1 : to - from, thick - 1, color[i])
            text = text sprintf("<text x=\"%.1f\" y=\"%d\" class=\"value\">%s</text>\n", (to > x(0) ? to : x(0)) + 4, y + thick - 1, ratio < 10 ? sprintf("%.2f", ratio) : sprintf("%.0f", ratio))
            y += thick
        }
        if (y < start + 28) y = start + 28
        y += gap
    }
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\">\n", left + width + 50, y + 30
    print "<style>text { fill: #222 } .name { font-size: 13px } .note, .value { font-size: 9px; fill: #666 } .head { font-size: 15px } .key { font-size: 11px }</style>"
    printf "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
    print "<text x=\"12\" y=\"22\" class=\"head\">Time, in multiples of C’s (of LuaJIT’s or Erlang’s where there is no C); less is better</text>"
    printf "<text x=\"12\" y=\"38\" class=\"note\">%s</text>\n", escaped(machine)
    at = left
    for (i = 1; i <= ways; i++) {
        printf "<rect x=\"%d\" y=\"48\" width=\"12\" height=\"10\" fill=\"%s\"/><text x=\"%d\" y=\"57\" class=\"key\">%s</text>\n", at, color[i], at + 16, label[i]
        at += 130
    }
    for (power = -1; power <= 2; power++)
        for (m = 1; m < 10; m += (m == 1 ? 1 : m == 2 ? 3 : 5)) {
            p = power + log10(m)
            if (p > high) continue
            printf "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"%s\"/>\n", x(p), x(p), top - 6, y, p == 0 ? "#444" : "#e4e4e4"
            printf "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" class=\"note\">%g</text>\n", x(p), y + 14, 10 ^ p
        }
    printf "%s</svg>\n", text
}
