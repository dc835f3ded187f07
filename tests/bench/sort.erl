-module(sort).
-export([main/0]).

filled(0, _) -> [];
filled(N, Seed) ->
    Next = math:fmod(Seed * 16807.0, 2147483647.0),
    [Next | filled(N - 1, Next)].

%% Quicksort of a list.
sort([Pivot | Rest], Sorted) ->
    {Less, More} = split(Rest, Pivot, [], []),
    sort(Less, [Pivot | sort(More, Sorted)]);
sort([], Sorted) -> Sorted.

split([X | Rest], Pivot, Less, More) when X < Pivot -> split(Rest, Pivot, [X | Less], More);
split([X | Rest], Pivot, Less, More) -> split(Rest, Pivot, Less, [X | More]);
split([], _, Less, More) -> {Less, More}.

checksum([A, B | _], _, _) when B < A -> nan;
checksum([A | Rest], I, Sum) -> checksum(Rest, I + 1, Sum + math:fmod(A, 1000.0) * (I rem 1000));
checksum([], _, Sum) -> trunc(Sum).

main() ->
    List = filled(500000, 42.0),
    {T, R} = timer:tc(fun() -> sort(List, []) end),
    io:format("result ~p~nms ~p~n", [checksum(R, 0, 0.0), T / 1000]),
    halt().
