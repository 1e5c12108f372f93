-- Script for wrk. It checks the status, the Content-Length and each byte of the body of every answer. The first argument
-- after "--" names the file with the expected body. One bad answer makes the whole round void.
-- wrk has one Lua state for each thread, so the counters are plain globals. done() adds them up.

local threads = {}

function setup(thread)
    threads[#threads + 1] = thread
end

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
    if bad == 0 then
        first_bad = string.format("status %d, Content-Length %s, body of %d bytes", status, tostring(length), #body)
    end
    bad = bad + 1
end

function done(summary, latency, requests)
    local all_good, all_bad, sample = 0, 0, ""

    for _, thread in ipairs(threads) do
        all_good = all_good + thread:get("good")
        all_bad = all_bad + thread:get("bad")
        if sample == "" then
            sample = thread:get("first_bad")
        end
    end

    local errors = summary.errors
    local line = "@%s=%s\n"
    io.write(line:format("good", all_good))
    io.write(line:format("bad", all_bad))
    io.write(line:format("first_bad", sample))
    io.write(line:format("requests", summary.requests))
    io.write(line:format("microseconds", summary.duration))
    io.write(line:format("socket_errors", errors.connect + errors.read + errors.write + errors.timeout))
    io.write(line:format("p50_us", latency:percentile(50)))
    io.write(line:format("p99_us", latency:percentile(99)))
end
