-module(strings).
-export([main/0]).

build(0, S) -> S;
build(Pieces, S) -> build(Pieces - 1, <<S/binary, "piece\n">>).

run(0, _, Sum) -> Sum;
run(Strings, Pieces, Sum) -> run(Strings - 1, Pieces, Sum + byte_size(build(Pieces, <<>>))).

main() ->
    {T, R} = timer:tc(fun() -> run(40, 5000, 0) end),
    io:format("result ~p~nms ~p~n", [trunc(R), T / 1000]),
    halt().
