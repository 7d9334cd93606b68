# The environment of a product on this machine; sourced by dev/stack. What each variable means stands in
# .env.sample.
# shellcheck shell=bash disable=SC2154  # root, data, here, database come from dev/stack

# secret NAME [GENERATOR BYTES]: made once, kept for its owner only.
secret() {
  local file=$data/secrets/$1
  [ -s "$file" ] || (umask 077 && "${2:-random_hex}" "${3:-24}" >"$file")
  cat "$file"
}

# The usual ports where they are free. The demo starts elsewhere, to leave those to `make up`.
choose_ports() {
  local base=0
  [ "$instance" = up ] || base=$((10000 + $(checkout_number) % 9000))
  free_port $((8080 + base)) && api_port=$port
  free_port $((8081 + base)) && worker_port=$port
  free_port $((8082 + base)) && scheduler_port=$port
  free_port $((8090 + base)) && sandbox_port=$port
  free_port $((1025 + base)) && smtp_port=$port
}

port_of() {
  local name=${1}_port
  printf '%s\n' "${!name}"
}

# The service account must name the sandbox as its token endpoint, so it belongs to one port.
service_account() {
  local file=$here/fcm-$sandbox_port.json
  [ -s "$file" ] ||
    (umask 077 && "$programs/teranga-sandbox" service-account --project teranga-local \
      --token-uri "http://127.0.0.1:$sandbox_port/token" >"$file")
  printf '%s\n' "$file"
}

write_env() {
  local admin service account
  admin=$("$root/dev/postgres" url)
  service=$(database_url "$admin" "$database" | sed -E "s#^([a-z]+://)([^@/]*@)?#\1teranga_service:$(secret service-password)@#")
  account=$(service_account)
  (umask 077 && cat >"$here/env.new") <<ENV
ENVIRONMENT='development'
LOG='${LOG:-info}'
LOG_FORMAT='json'
SHUTDOWN_GRACE_SECONDS='25'
DATABASE_URL='$service'
DATABASE_POOL='20'
OWNER_DATABASE_URL='$(database_url "$admin" "$database")'
API_LISTEN='127.0.0.1:$api_port'
API_URL='http://127.0.0.1:$api_port'
PUBLIC_URL='http://127.0.0.1:$api_port'
CORS_ORIGINS='http://localhost:3000'
JWT_SECRET='$(secret jwt)'
ACCESS_CODE_SECRET='$(secret access-code)'
DATA_KEY='$(secret data-key random_base64 32)'
RATE_LIMIT_PER_MINUTE='$(limit 60)'
AUTH_RATE_LIMIT_PER_MINUTE='$(limit 10)'
TRUSTED_PROXIES='0'
WORKER_LISTEN='127.0.0.1:$worker_port'
SCHEDULER_LISTEN='127.0.0.1:$scheduler_port'
SANDBOX_LISTEN='127.0.0.1:$sandbox_port'
SANDBOX_URL='http://127.0.0.1:$sandbox_port'
SANDBOX_PUBLIC_URL='http://127.0.0.1:$sandbox_port'
SANDBOX_SMTP_LISTEN='127.0.0.1:$smtp_port'
SANDBOX_WAVE_WEBHOOK_URL='http://127.0.0.1:$api_port/api/v1/webhooks/wave/${wave_account:-}'
WAVE_API_URL='http://127.0.0.1:$sandbox_port'
WAVE_API_KEY='wave_sn_test_$(secret wave-key)'
WAVE_WEBHOOK_SECRETS='wave_sn_WHS_$(secret wave-webhook)'
WAVE_SIGNING_SECRET='wave_sn_AKS_$(secret wave-signing)'
ORANGE_API_URL='http://127.0.0.1:$sandbox_port'
ORANGE_COUNTRY='ci'
ORANGE_CLIENT_ID='$(secret orange-id random_hex 12)'
ORANGE_CLIENT_SECRET='$(secret orange-secret)'
ORANGE_MERCHANT_KEY='$(secret orange-merchant)'
ORANGE_MERCHANT_NAME='AlloCar'
MTN_API_URL='http://127.0.0.1:$sandbox_port'
MTN_TARGET_ENVIRONMENT='mtnivorycoast'
MTN_API_USER='$(secret mtn-user random_hex 12)'
MTN_API_KEY='$(secret mtn-key)'
MTN_COLLECTION_KEY='$(secret mtn-collection)'
MTN_DISBURSEMENT_KEY='$(secret mtn-disbursement)'
CALLBACK_KEYS='$(secret callback random_hex 32)'
FCM_SERVICE_ACCOUNT='$account'
FCM_API_URL='http://127.0.0.1:$sandbox_port'
SMS_API_URL='http://127.0.0.1:$sandbox_port'
SMS_CLIENT_ID='$(secret sms-id random_hex 12)'
SMS_CLIENT_SECRET='$(secret sms-secret)'
SMS_SENDER='tel:+2250000'
SMS_SENDER_NAME='Teranga'
SMTP_URL='smtp://127.0.0.1:$smtp_port'
MAIL_FROM='Teranga <no-reply@teranga.test>'
ORGANIZATION_ID='${organization:-}'
ADMIN_EMAIL='admin@allocar.test'
ADMIN_PASSWORD='$(secret admin-password random_hex 12)'
ENV
  mv "$here/env.new" "$here/env"
}

# The limits are the product's own, except for the demo, which is a whole town behind one address.
limit() { if [ "$instance" = demo ]; then printf '6000\n'; else printf '%s\n' "$1"; fi; }
