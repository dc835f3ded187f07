-module(fib).
-export([main/0]).

fib(N) when N < 2.0 -> N;
fib(N) -> fib(N - 1.0) + fib(N - 2.0).

main() ->
    {T, R} = timer:tc(fun() -> fib(36.0) end),
    io:format("result ~p~nms ~p~n", [trunc(R), T / 1000]),
    halt().
