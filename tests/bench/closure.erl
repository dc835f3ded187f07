-module(closure).
-export([main/0]).

adder(K) -> fun(X) -> X + K end.

run(I, N, Sum) when I < N -> run(I + 1.0, N, calls(10, adder(I), Sum));
run(_, _, Sum) -> Sum.

calls(0, _, Sum) -> Sum;
calls(N, F, Sum) -> calls(N - 1, F, F(Sum)).

main() ->
    {T, R} = timer:tc(fun() -> run(0.0, 2.0e6, 0.0) end),
    io:format("result ~p~nms ~p~n", [trunc(R), T / 1000]),
    halt().
