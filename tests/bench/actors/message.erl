-module(message).
-export([main/0, echo/1]).

echo(To) -> receive M -> To ! M end, echo(To).

build(5000, L) -> L;
build(N, L) -> build(N + 1, {N, L}).

loop(_, V, 0) -> V;
loop(P, V, N) -> P ! V, receive M -> loop(P, M, N - 1) end.

main() ->
    P = spawn(?MODULE, echo, [self()]),
    V = build(0, nil),
    {T, R} = timer:tc(fun() -> loop(P, V, 1000) end),
    io:format("result ~p~nms ~p~n", [element(1, R), T / 1000]),
    halt().
