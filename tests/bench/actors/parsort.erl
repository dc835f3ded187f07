-module(parsort).
-export([main/0, work/3]).

fill(0, _) -> [];
fill(N, X) -> Y = (X * 1103 + 12345) rem 65536, [Y | fill(N - 1, Y)].

work(To, N, Seed) ->
    Sorted = [lists:sort(fun(A, B) -> A =< B end, fill(N, Seed)) || _ <- lists:seq(1, 5)],
    To ! lists:nth(N div 2 + 1, lists:last(Sorted)).

main() ->
    {T, R} = timer:tc(fun() ->
        [spawn(?MODULE, work, [self(), 20000, I]) || I <- lists:seq(0, 63)],
        lists:sum([receive N -> N end || _ <- lists:seq(1, 64)]) end),
    io:format("result ~p~nms ~p~n", [R, T / 1000]),
    halt().
