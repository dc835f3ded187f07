-module(ring).
-export([main/0, hop/1]).

hop(Next) ->
    receive N -> Next ! N + 1 end,
    hop(Next).

build(P, 0) -> P;
build(P, N) -> build(spawn(?MODULE, hop, [P]), N - 1).

round(_, N) when N >= 2000000 -> N;
round(P, N) ->
    P ! N,
    receive M -> round(P, M + 1) end.

main() ->
    P = build(self(), 999),
    {T, R} = timer:tc(fun() -> round(P, 0) end),
    io:format("result ~p~nms ~p~n", [R, T / 1000]),
    halt().
