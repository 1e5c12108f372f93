-- What nginx has to do to route by Redis as Hipache does: two commands for each request, in one message over a kept connection, and
-- one for each handshake. The client for Redis is by hand: Debian has no package of lua-resty-redis.

local balancer = require "ngx.balancer"
local ssl = require "ngx.ssl"

-- its field `redis` is the port
local peer = {}
local KEPT_MS, KEPT = 60000, 128

local function read(connection)
    local line, why = connection:receive()
    if not line then
        error("Redis: " .. why)
    end
    local kind, rest = line:sub(1, 1), line:sub(2)
    if kind == "-" then
        error("Redis: " .. rest)
    elseif kind == "$" then
        local length = tonumber(rest)
        return length >= 0 and connection:receive(length + 2):sub(1, -3) or nil
    elseif kind == "*" then
        local list = {}
        for place = 1, tonumber(rest) do
            list[place] = read(connection)
        end
        return list
    end
    return rest
end

-- Commands are tables of words. Returns a reply for each.
local function ask(...)
    local connection = ngx.socket.tcp()
    connection:settimeout(5000)
    assert(connection:connect("127.0.0.1", peer.redis))
    local message = {}
    for _, words in ipairs({...}) do
        message[#message + 1] = "*" .. #words .. "\r\n"
        for _, word in ipairs(words) do
            message[#message + 1] = "$" .. #word .. "\r\n" .. word .. "\r\n"
        end
    end
    assert(connection:send(message))
    local replies = {}
    for place = 1, select("#", ...) do
        replies[place] = read(connection)
    end
    connection:setkeepalive(KEPT_MS, KEPT)
    return unpack(replies)
end

-- access_by_lua: chooses a backend that is not marked as dead, by chance
function peer.choose()
    local host = ngx.var.host
    local route, marks = ask({"LRANGE", "frontend:" .. host, "0", "-1"}, {"SMEMBERS", "dead:" .. host})
    local dead, alive = {}, {}
    for _, index in ipairs(marks) do
        dead[tonumber(index)] = true
    end
    -- the first entry names the frontend, and the first backend has the index 0
    for place = 2, #route do
        if not dead[place - 2] then
            alive[#alive + 1] = route[place]
        end
    end
    if #alive == 0 then
        ngx.status = 400
        ngx.print("unknown host")
        return ngx.exit(400)
    end
    local address, port = alive[math.random(#alive)]:match("^http://([^:]+):(%d+)")
    ngx.ctx.address, ngx.ctx.port = address, tonumber(port)
end

-- balancer_by_lua
function peer.balance()
    assert(balancer.set_current_peer(ngx.ctx.address, ngx.ctx.port))
end

-- ssl_certificate_by_lua: a name without a certificate of its own has the default one
function peer.certify()
    local name = ssl.server_name()
    local pair = name and ask({"HMGET", "tls:" .. name:lower(), "certificate", "key"}) or {}
    if pair[1] and pair[2] then
        local chain, key = assert(ssl.parse_pem_cert(pair[1])), assert(ssl.parse_pem_priv_key(pair[2]))
        assert(ssl.clear_certs())
        assert(ssl.set_cert(chain))
        assert(ssl.set_priv_key(key))
    end
end

return peer
