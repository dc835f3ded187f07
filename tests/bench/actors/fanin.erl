-module(fanin).
-export([main/0, sender/2]).

sender(_, 0) -> ok;
sender(To, N) -> To ! 1, sender(To, N - 1).

count(N, N) -> N;
count(S, N) -> receive M -> count(S + M, N) end.

main() ->
    {T, R} = timer:tc(fun() ->
        [spawn(?MODULE, sender, [self(), 20000]) || _ <- lists:seq(1, 100)],
        count(0, 2000000) end),
    io:format("result ~p~nms ~p~n", [R, T / 1000]),
    halt().
