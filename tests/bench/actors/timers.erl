-module(timers).
-export([main/0, sleeper/2]).

now_ms() -> erlang:monotonic_time(microsecond) / 1000.

sleeper(To, From) ->
    Due = From + rand:uniform(1000),
    Ms = max(0, ceil(Due - now_ms())),
    receive none -> ok after Ms -> ok end,
    To ! now_ms() - Due.

make(0, _) -> ok;
make(N, From) -> spawn(?MODULE, sleeper, [self(), From]), make(N - 1, From).

count(0, L) -> L;
count(N, L) -> receive Late -> count(N - 1, [Late | L]) end.

main() ->
    {T, L} = timer:tc(fun() -> make(1000000, now_ms() + 10000), count(1000000, []) end),
    S = list_to_tuple(lists:sort(L)),
    io:format("result 1000000~nms ~p~nlate-50% ~p~nlate-99% ~p~nlate-99.9% ~p~nlate-all ~p~n",
        [T / 1000 | [element(I, S) || I <- [500000, 990000, 999000, 1000000]]]),
    halt().
