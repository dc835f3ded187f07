-module(spawn).
-export([main/0, child/2]).

child(To, N) -> To ! N + 1.

loop(N) when N >= 200000 -> N;
loop(N) ->
    erlang:spawn(?MODULE, child, [self(), N]),
    receive M -> loop(M) end.

main() ->
    {T, R} = timer:tc(fun() -> loop(0) end),
    io:format("result ~p~nms ~p~n", [R, T / 1000]),
    halt().
