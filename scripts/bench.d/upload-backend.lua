-- The backend of uploads. It answers with 200 where the body is that of the file, byte by byte, and with 422 where it is not.

local bodies = package.loaded["upload bodies"]
if not bodies then
    bodies = {}
    package.loaded["upload bodies"] = bodies
end

local name = ngx.var.expected
local expected = bodies[name]
if not expected then
    local file = assert(io.open(name, "rb"))
    expected = file:read("*a")
    file:close()
    bodies[name] = expected
end

ngx.req.read_body()
local got = ngx.req.get_body_data()
local text = "all of it"
if got ~= expected then
    ngx.status = 422
    text = string.format("%d bytes, not the %d that were sent", got and #got or 0, #expected)
end
ngx.header["Content-Length"] = #text
ngx.print(text)
