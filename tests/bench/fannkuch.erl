-module(fannkuch).
-export([main/0]).

%% Permutations as lists: the next one rotates the first R + 1 elements, as long as their count lasts.
fannkuch(N) -> permutations(lists:seq(0, N - 1), lists:seq(1, N), 0, 0, 1).

permutations(Permutation, Count, Checksum, Most, Sign) ->
    Flips = flips(Permutation, 0),
    Sum = Checksum + Sign * Flips,
    Max = max(Most, Flips),
    case next(Permutation, Count, 1, []) of
        done -> Sum * 100 + Max;
        {P, C} -> permutations(P, C, Sum, Max, -Sign)
    end.

flips([0 | _], N) -> N;
flips([First | _] = P, N) -> flips(flip(First + 1, P, []), N + 1).

flip(0, Rest, Flipped) -> Flipped ++ Rest;
flip(N, [X | Rest], Flipped) -> flip(N - 1, Rest, [X | Flipped]).

%% Count holds for each place how many rotations are left, the first places dropped so far in Done.
next(P, [C | Count], R, Done) ->
    case Count of
        [] -> done;
        [D | More] ->
            Rotated = rotate(R, P),
            case D - 1 of
                0 -> next(Rotated, Count, R + 1, [C | Done]);
                E -> {Rotated, refill(R, [E | More])}
            end
    end.

rotate(R, [First | Rest]) -> insert(R, First, Rest).

insert(0, First, Rest) -> [First | Rest];
insert(R, First, [X | Rest]) -> [X | insert(R - 1, First, Rest)].

refill(0, Count) -> Count;
refill(R, Count) -> refill(R - 1, [R | Count]).

main() ->
    {T, R} = timer:tc(fun() -> fannkuch(10) end),
    io:format("result ~p~nms ~p~n", [trunc(R), T / 1000]),
    halt().
