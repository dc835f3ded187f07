-module(storm).
-export([main/0, child/2]).

child(To, N) -> To ! N.

make(0) -> ok;
make(N) -> spawn(?MODULE, child, [self(), 1]), make(N - 1).

count(N, N) -> N;
count(S, N) -> receive M -> count(S + M, N) end.

main() ->
    {T, R} = timer:tc(fun() -> make(1000000), count(0, 1000000) end),
    io:format("result ~p~nms ~p~n", [R, T / 1000]),
    halt().
