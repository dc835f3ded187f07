-module(pingpong).
-export([main/0, pong/1]).

pong(To) -> receive N -> To ! N end, pong(To).

loop(_, N) when N >= 1000000 -> N;
loop(P, N) -> P ! N, receive M -> loop(P, M + 1) end.

main() ->
    P = spawn(?MODULE, pong, [self()]),
    {T, R} = timer:tc(fun() -> loop(P, 0) end),
    io:format("result ~p~nms ~p~n", [R, T / 1000]),
    halt().
