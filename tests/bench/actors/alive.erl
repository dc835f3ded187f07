-module(alive).
-export([main/0, wait/1]).

wait(To) -> receive M -> To ! M end.

make(1, P) -> P;
make(N, _) -> make(N - 1, spawn(?MODULE, wait, [self()])).

main() ->
    Before = erlang:memory(total),
    {T, _} = timer:tc(fun() -> P = make(1000001, none), P ! ready, receive ready -> ok end end),
    timer:sleep(300),
    io:format("result 1000000~nms ~p~nbytes ~p~n", [T / 1000, (erlang:memory(total) - Before) / 1000000]),
    halt().
