-- Script for wrk. It checks the status, the Content-Length and each byte of the body of every answer. The first argument
-- after "--" names the file with the expected body. One bad answer makes the whole round void.

-- the file beside this one
dofile(debug.getinfo(1, "S").source:match("^@(.*/)") .. "totals.lua")

function init(args)
    local file = assert(io.open(args[1], "rb"))
    expected = file:read("*a")
    file:close()
    expected_length = tostring(#expected)
    good, bad, first_bad = 0, 0, ""
end

function response(status, headers, body)
    local length = headers["Content-Length"] or headers["content-length"]

    -- Lua interns strings, so this comparison is a comparison of pointers. The bytes were compared before, when wrk made
    -- the string.
    if status == 200 and length == expected_length and body == expected then
        good = good + 1
        return
    end
    count_wrong(string.format("status %d, Content-Length %s, body of %d bytes", status, tostring(length), #body))
end
