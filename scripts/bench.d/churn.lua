-- Script for wrk. It asks for the hosts that a file names, one a line, in that order and again from the beginning. An answer is
-- its host and the address of the backend, "h17.example 127.1.0.5". It is wrong when the host never had this backend: host n has
-- backends of group n % groups alone, and group g has the addresses 3g to 3g + 2, where address a is 127.1.(a / 250).(a % 250 + 1).
-- Arguments: the file, the number of groups, the place in the file to begin at, a pause in ms between requests of a connection.

-- the file beside this one
dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "totals.lua")

function init(args)
    groups, place = tonumber(args[2]), tonumber(args[3])
    requests, checked = {}, {}
    for host in io.lines(args[1]) do
        requests[#requests + 1] = "GET / HTTP/1.1\r\nHost: " .. host .. "\r\n\r\n"
    end
    good, bad, first_bad = 0, 0, ""
    local pause = tonumber(args[4])
    if pause > 0 then
        math.randomseed(2013)
        delay = function() return math.random(0, 2 * pause) end
    end
end

function request()
    place = place % #requests + 1
    return requests[place]
end

local function is_right(body)
    local host, net, last = body:match("^h(%d+)%.example 127%.1%.(%d+)%.(%d+)$")
    return host ~= nil and tonumber(host) % groups == math.floor((250 * tonumber(net) + tonumber(last) - 1) / 3)
end

function response(status, headers, body)
    if status == 200 then
        -- as many entries as the file has hosts, three times at most
        local known = checked[body]
        if known == nil and is_right(body) then
            checked[body] = true
            known = true
        end
        if known then
            good = good + 1
            return
        end
    end
    count_wrong_answer(status, body)
end
