-module(match).
-export([main/0]).

step(nop, Value) -> Value;
step(half, Value) -> Value * 0.5;
step({add, N}, Value) -> Value + N;
step({sub, N}, Value) -> Value - N;
step(0, Value) -> Value + 1.0;
step(1, Value) -> Value - 1.0;
step(2, Value) -> Value * 2.0.

run(0, _, Sum) -> Sum;
run(Rounds, Value, Sum) ->
    {V, S} = steps([{add, 7.0}, nop, 0, half, {sub, 3.0}, 1, 2, nop], Value, Sum),
    run(Rounds - 1, V, S).

steps([Action | Rest], Value, Sum) ->
    Next = step(Action, Value),
    steps(Rest, Next, Sum + Next);
steps([], Value, Sum) -> {Value, Sum}.

main() ->
    {T, R} = timer:tc(fun() -> run(1250000, 1.0, 0.0) end),
    io:format("result ~p~nms ~p~n", [trunc(R), T / 1000]),
    halt().
