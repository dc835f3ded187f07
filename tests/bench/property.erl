-module(property).
-export([main/0]).

move(P, Step, Steps) when Step < Steps ->
    #{x := X, y := Y, dx := DX, dy := DY} = P,
    move(P#{x := X + DX, y := Y + DY}, Step + 1.0, Steps);
move(#{x := X, y := Y}, _, _) -> X + Y.

main() ->
    {T, R} = timer:tc(fun() -> move(#{x => 0.0, y => 0.0, dx => 1.0, dy => 2.0}, 0.0, 2.0e7) end),
    io:format("result ~p~nms ~p~n", [trunc(R), T / 1000]),
    halt().
