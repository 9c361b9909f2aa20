curl -H "Authorization: Bearer np_live_your_api_key_here" \
  https://nextprodapp.com/api/v1/signals/629229ed-2328-46a7-a9ee-6f99a534bcb3
