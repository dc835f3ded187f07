-module(spectral).
-export([main/0]).

a(I, J) -> 1.0 / ((I + J) * (I + J + 1.0) / 2.0 + I + 1.0).

%% The products as lists, the one way to walk a vector here.
times(N, V) -> [row(I, 0.0, V, 0.0) || I <- N].

row(I, J, [X | V], Sum) -> row(I, J + 1.0, V, Sum + a(I, J) * X);
row(_, _, [], Sum) -> Sum.

times_transposed(N, V) -> [column(I, 0.0, V, 0.0) || I <- N].

column(I, J, [X | V], Sum) -> column(I, J + 1.0, V, Sum + a(J, I) * X);
column(_, _, [], Sum) -> Sum.

times_both(N, V) -> times_transposed(N, times(N, V)).

rounds(_, 0, U, V) -> {U, V};
rounds(N, Rounds, U, _) ->
    V = times_both(N, U),
    rounds(N, Rounds - 1, times_both(N, V), V).

spectral(Count) ->
    N = [float(I) || I <- lists:seq(0, Count - 1)],
    {U, V} = rounds(N, 10, [1.0 || _ <- N], []),
    UV = lists:foldl(fun({X, Y}, Sum) -> Sum + X * Y end, 0.0, lists:zip(U, V)),
    VV = lists:foldl(fun(X, Sum) -> Sum + X * X end, 0.0, V),
    math:sqrt(UV / VV) * 1.0e9.

main() ->
    {T, R} = timer:tc(fun() -> spectral(1000) end),
    io:format("result ~p~nms ~p~n", [trunc(R), T / 1000]),
    halt().
