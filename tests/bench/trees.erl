-module(trees).
-export([main/0]).

make(0) -> {nil, nil};
make(Depth) -> {make(Depth - 1), make(Depth - 1)}.

count({nil, nil}) -> 1;
count({Left, Right}) -> count(Left) + count(Right) + 1.

trees(Most) ->
    Lasting = make(Most),
    depths(4, Most, 1 bsl Most, 0) + count(Lasting).

depths(Depth, Most, Times, Sum) when Depth =< Most -> depths(Depth + 2, Most, Times div 4, times(Times, Depth, Sum));
depths(_, _, _, Sum) -> Sum.

times(0, _, Sum) -> Sum;
times(N, Depth, Sum) -> times(N - 1, Depth, Sum + count(make(Depth))).

main() ->
    {T, R} = timer:tc(fun() -> trees(14) end),
    io:format("result ~p~nms ~p~n", [trunc(R), T / 1000]),
    halt().
