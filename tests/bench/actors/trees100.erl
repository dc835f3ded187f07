-module(trees100).
-export([main/0, grow/2]).

tree(0) -> nil;
tree(N) -> {tree(N - 1), tree(N - 1)}.

size_of(nil) -> 1;
size_of({L, R}) -> size_of(L) + size_of(R) + 1.

grow(To, D) -> To ! lists:sum([size_of(tree(D)) || _ <- lists:seq(1, 10)]).

main() ->
    {T, R} = timer:tc(fun() ->
        [spawn(?MODULE, grow, [self(), 12]) || _ <- lists:seq(1, 100)],
        lists:sum([receive N -> N end || _ <- lists:seq(1, 100)]) end),
    io:format("result ~p~nms ~p~n", [R, T / 1000]),
    halt().
