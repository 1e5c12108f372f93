-- Script for wrk. It asks for the hosts that a file names, one a line, in that order and again from the beginning. An answer is
-- a host, a space, and the text of the file that the first argument names. It is wrong when no request for its host is open: wrk
-- does not tell to which request an answer belongs. Arguments: the file of the text, the file of the hosts.

-- the file beside this one
dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "totals.lua")

function init(args)
    local file = assert(io.open(args[1], "rb"))
    text = file:read("*a")
    file:close()
    hosts, requests, open, host_of = {}, {}, {}, {}
    for host in io.lines(args[2]) do
        hosts[#hosts + 1] = host
        requests[#requests + 1] = "GET /hosts HTTP/1.1\r\nHost: " .. host .. "\r\n\r\n"
        open[host] = 0
    end
    place, good, bad, first_bad = 0, 0, 0, ""
end

function request()
    place = place % #requests + 1
    open[hosts[place]] = open[hosts[place]] + 1
    return requests[place]
end

function response(status, headers, body)
    local host = host_of[body]
    if host == nil then
        host = body:match("^(%S+) ")
        -- as many entries as there are hosts
        if host and open[host] and body == host .. " " .. text then
            host_of[body] = host
        else
            host = nil
        end
    end
    if status == 200 and host and open[host] > 0 then
        open[host] = open[host] - 1
        good = good + 1
        return
    end
    count_wrong_answer(status, body)
end
