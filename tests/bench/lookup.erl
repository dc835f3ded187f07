-module(lookup).
-export([main/0]).

run(Keys, Rounds) ->
    Key = [<<"key", (integer_to_binary(I))/binary>> || I <- lists:seq(0, Keys - 1)],
    Map = rounds(Rounds, Key, maps:from_list([{K, 0.0} || K <- Key])),
    lists:sum([maps:get(K, Map) || K <- Key]).

rounds(0, _, Map) -> Map;
rounds(N, Key, Map) -> rounds(N - 1, Key, count(Key, 0.0, Map)).

count([K | Key], I, Map) ->
    #{K := Value} = Map,
    count(Key, I + 1.0, Map#{K := Value + I});
count([], _, Map) -> Map.

main() ->
    {T, R} = timer:tc(fun() -> run(1000, 6000) end),
    io:format("result ~p~nms ~p~n", [trunc(R), T / 1000]),
    halt().
