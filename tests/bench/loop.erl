-module(loop).
-export([main/0]).

loop(S, I) when I < 20000000.0 -> loop(S * 0.5 + I, I + 1.0);
loop(S, _) -> S.

main() ->
    {T, R} = timer:tc(fun() -> loop(0.0, 0.0) end),
    io:format("result ~p~nms ~p~n", [trunc(R), T / 1000]),
    halt().
