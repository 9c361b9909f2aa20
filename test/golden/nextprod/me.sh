curl -H "Authorization: Bearer np_live_your_api_key_here" \
  https://nextprodapp.com/api/v1/me
