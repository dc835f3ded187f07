-module(mandelbrot).
-export([main/0]).

mandelbrot(N, Limit) -> row(0.0, N, Limit, 0.0).

row(Y, N, Limit, Sum) when Y < N -> row(Y + 1.0, N, Limit, point(0.0, 2.0 * Y / N - 1.0, N, Limit, Sum));
row(_, _, _, Sum) -> Sum.

point(X, CI, N, Limit, Sum) when X < N ->
    point(X + 1.0, CI, N, Limit, Sum + iterate(0.0, 0.0, 2.0 * X / N - 1.5, CI, 0.0, Limit));
point(_, _, _, _, Sum) -> Sum.

iterate(ZR, ZI, CR, CI, I, Limit) when I < Limit ->
    RR = ZR * ZR,
    II = ZI * ZI,
    if
        RR + II > 4.0 -> I;
        true -> iterate(RR - II + CR, 2.0 * ZR * ZI + CI, CR, CI, I + 1.0, Limit)
    end;
iterate(_, _, _, _, I, _) -> I.

main() ->
    {T, R} = timer:tc(fun() -> mandelbrot(600.0, 200.0) end),
    io:format("result ~p~nms ~p~n", [trunc(R), T / 1000]),
    halt().
