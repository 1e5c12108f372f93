-- nginx with Lua in the place of Hipache: the backends of a host are in the list frontend:<host> of Redis, behind an identifier.
-- Each request asks for them, over a connection that is kept. Marks of dead backends, wildcards and retries are left out.

local balancer = require "ngx.balancer"

local lookup = { port = 6379 }

-- Reads the reply to LRANGE: the number of texts, then each text behind its length. Returns the texts.
local function read_list(redis)
    local line = assert(redis:receive())
    local count = assert(tonumber(line:match("^%*(%d+)$")), line)
    local texts = {}
    for place = 1, count do
        line = assert(redis:receive())
        local length = assert(tonumber(line:match("^%$(%d+)$")), line)
        texts[place] = assert(redis:receive(length + 2)):sub(1, -3)
    end
    return texts
end

local function backends_of(host)
    local redis = ngx.socket.tcp()
    redis:settimeouts(3000, 3000, 3000)
    assert(redis:connect("127.0.0.1", lookup.port, { pool_size = 256 }))
    local key = "frontend:" .. host
    assert(redis:send("*4\r\n$6\r\nLRANGE\r\n$" .. #key .. "\r\n" .. key .. "\r\n$1\r\n0\r\n$2\r\n-1\r\n"))
    local texts = read_list(redis)
    redis:setkeepalive(60000)
    return texts
end

-- Finds a backend for the request, in the phase in which it is allowed to wait.
function lookup.find()
    local backends = backends_of(ngx.var.host)
    if #backends < 2 then
        ngx.status = 400
        ngx.print("unknown host")
        return ngx.exit(400)
    end
    ngx.ctx.address, ngx.ctx.port = backends[math.random(2, #backends)]:match("^http://([%d.]+):(%d+)$")
end

-- Sends the request there.
function lookup.balance()
    assert(balancer.set_current_peer(ngx.ctx.address, tonumber(ngx.ctx.port)))
end

return lookup
