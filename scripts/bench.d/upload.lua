-- Script for wrk. It uploads the file that the second argument names, and checks each answer as verify.lua does: against the file
-- that the first argument names. The backend has compared each byte before it answers so.

-- the file beside this one
dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "verify.lua")

local verify = init

function init(args)
    verify(args)
    local file = assert(io.open(args[2], "rb"))
    wrk.method, wrk.body = "POST", file:read("*a")
    file:close()
end
