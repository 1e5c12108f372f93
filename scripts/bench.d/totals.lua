-- What the scripts for wrk have in common. wrk has one Lua state for each thread, so the counters good, bad and first_bad are plain
-- globals of these states. done() adds them up, and prints them for generator.py.

local threads = {}

function setup(thread)
    threads[#threads + 1] = thread
end

-- Counts an answer that is wrong. The first one is shown.
function count_wrong(text)
    if bad == 0 then
        first_bad = text
    end
    bad = bad + 1
end

-- The same, with the status and the begin of the body.
function count_wrong_answer(status, body)
    count_wrong(string.format("status %d, %s", status, (body:sub(1, 120):gsub("%c", " "))))
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
    io.write(line:format("p999_us", latency:percentile(99.9)))
end
