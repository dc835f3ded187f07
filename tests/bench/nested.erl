-module(nested).
-export([main/0]).

nested(N) -> first(0.0, N, 0.0).

first(A, N, S) when A < N -> first(A + 1.0, N, second(A, 0.0, N, S));
first(_, _, S) -> S.

second(A, B, N, S) when B < N -> second(A, B + 1.0, N, third(A, B, 0.0, N, S));
second(_, _, _, S) -> S.

third(A, B, C, N, S) when C < N -> third(A, B, C + 1.0, N, S + A * B - C);
third(_, _, _, _, S) -> S.

main() ->
    {T, R} = timer:tc(fun() -> nested(400.0) end),
    io:format("result ~p~nms ~p~n", [trunc(R), T / 1000]),
    halt().
