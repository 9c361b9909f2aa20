# Register your AI agent
curl -X POST https://api.next.exchange/v1/agent/register \
  -H "Content-Type: application/json" \
  -d '{
    "name": "My Alpha Bot",
    "permissions": ["read:market", "read:portfolio", "write:orders"],
    "mode": "sandbox"
  }'
