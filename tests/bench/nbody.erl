-module(nbody).
-export([main/0]).

-record(body, {x, y, z, vx, vy, vz, m}).

bodies() ->
    [#body{x = 0.0, y = 0.0, z = 0.0, vx = 0.0, vy = 0.0, vz = 0.0, m = 39.47841760435743},
     #body{x = 4.841431442464721, y = -1.1603200440274284, z = -0.10362204447112311,
           vx = 0.606326392995832, vy = 2.81198684491626, vz = -0.02521836165988763, m = 0.03769367487038949},
     #body{x = 8.34336671824458, y = 4.124798564124305, z = -0.4035234171143214,
           vx = -1.0107743461771468, vy = 1.8256623712304119, vz = 0.008415761376584154, m = 0.011286326131968767},
     #body{x = 12.894369562139131, y = -15.111151401698631, z = -0.22330757889265573,
           vx = 1.0827910064415354, vy = 0.8687130181696082, vz = -0.010832637401363636, m = 0.0017237240570597112},
     #body{x = 15.379697114850917, y = -25.919314609987964, z = 0.17925877295037118,
           vx = 0.979090732243898, vy = 0.5946989986476762, vz = -0.034755955504078104, m = 0.0020336868699246304}].

offset_momentum([Sun | Planets]) ->
    M = Sun#body.m,
    [Sun#body{vx = lists:foldl(fun(B, S) -> S - B#body.vx * B#body.m end, 0.0, Planets) / M,
              vy = lists:foldl(fun(B, S) -> S - B#body.vy * B#body.m end, 0.0, Planets) / M,
              vz = lists:foldl(fun(B, S) -> S - B#body.vz * B#body.m end, 0.0, Planets) / M} | Planets].

advance([A | Rest], Step) ->
    {A1, Rest1} = attract(A, Rest, Step, []),
    #body{x = X, y = Y, z = Z, vx = VX, vy = VY, vz = VZ} = A1,
    [A1#body{x = X + VX * Step, y = Y + VY * Step, z = Z + VZ * Step} | advance(Rest1, Step)];
advance([], _) -> [].

attract(A, [B | Rest], Step, Done) ->
    X = A#body.x - B#body.x,
    Y = A#body.y - B#body.y,
    Z = A#body.z - B#body.z,
    Square = X * X + Y * Y + Z * Z,
    D = Step / (Square * math:sqrt(Square)),
    M = B#body.m * D,
    N = A#body.m * D,
    attract(A#body{vx = A#body.vx - X * M, vy = A#body.vy - Y * M, vz = A#body.vz - Z * M}, Rest, Step,
            [B#body{vx = B#body.vx + X * N, vy = B#body.vy + Y * N, vz = B#body.vz + Z * N} | Done]);
attract(A, [], _, Done) -> {A, lists:reverse(Done)}.

energy([#body{x = X, y = Y, z = Z, vx = VX, vy = VY, vz = VZ, m = M} | Rest], Sum) ->
    energy(Rest, lists:foldl(fun(B, S) ->
        DX = X - B#body.x,
        DY = Y - B#body.y,
        DZ = Z - B#body.z,
        S - B#body.m * M / math:sqrt(DX * DX + DY * DY + DZ * DZ)
    end, Sum + (VX * VX + VY * VY + VZ * VZ) * M * 0.5, Rest));
energy([], Sum) -> Sum.

run(Bodies, 0) -> Bodies;
run(Bodies, Steps) -> run(advance(Bodies, 0.01), Steps - 1).

main() ->
    Bodies = offset_momentum(bodies()),
    {T, R} = timer:tc(fun() -> run(Bodies, 400000) end),
    io:format("result ~p~nms ~p~n", [trunc(math:floor(energy(R, 0.0) * 1.0e9)), T / 1000]),
    halt().
