-module(parfib).
-export([main/0, par/3]).

fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).

par(To, N, Least) when N =< Least -> To ! fib(N);
par(To, N, Least) ->
    spawn(?MODULE, par, [self(), N - 1, Least]),
    spawn(?MODULE, par, [self(), N - 2, Least]),
    receive A -> receive B -> To ! A + B end end.

main() ->
    {T, R} = timer:tc(fun() -> spawn(?MODULE, par, [self(), 36, 26]), receive V -> V end end),
    io:format("result ~p~nms ~p~n", [R, T / 1000]),
    halt().
