-module(fib).
-export([main/0]).

fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).

main() ->
    {T, R} = timer:tc(fun() -> fib(32) end),
    io:format("result ~p~nms ~p~n", [R, T / 1000]),
    halt().
