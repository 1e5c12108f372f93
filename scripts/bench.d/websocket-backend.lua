-- The backend of WebSockets. It sends the payload of each message back (RFC 6455). It takes what websocket.py sends: binary
-- messages of one frame and at most 125 bytes, masked by zeros.

local GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

local key = ngx.var.http_sec_websocket_key
if not key or string.lower(ngx.var.http_upgrade or "") ~= "websocket" then
    return ngx.exit(400)
end
ngx.status = 101
ngx.header["Upgrade"] = "websocket"
ngx.header["Connection"] = "Upgrade"
ngx.header["Sec-WebSocket-Accept"] = ngx.encode_base64(ngx.sha1_bin(key .. GUID))
ngx.header["Content-Type"] = nil
ngx.send_headers()
ngx.flush(true)

local socket = assert(ngx.req.socket(true))
-- bench-memory holds them for minutes
socket:settimeout(600000)
while true do
    local head = socket:receive(6)
    if not head then
        return
    end
    local kind, length, mask = head:byte(1), head:byte(2) - 128, head:sub(3)
    if kind ~= 0x82 or length < 0 or length > 125 or mask ~= "\0\0\0\0" then
        -- the end of the connection voids the round
        ngx.log(ngx.ERR, "not a message of the benchmark")
        return
    end
    local payload = socket:receive(length)
    if not payload or not socket:send(string.char(0x82, length) .. payload) then
        return
    end
end
