"""Settings come from the environment alone; a missing one fails loudly at start.

| variable      | default             | meaning                                                        |
|---------------|---------------------|----------------------------------------------------------------|
| DEBUG         | off (`make run` on) | mailbox page, styleguide, demo sign-ins                        |
| SECRET_KEY    | required            | signs cookies and sessions of staff; every other key is derived|
|               |                     | from it until there is a key ring (docs/keys.md)               |
| SECRET_KEY_FALLBACKS | none         | earlier ones whose cookies still count, with commas between    |
| KEYS_FILE     | DATA_DIR/keys.json  | the key ring, made by `manage.py rotate_keys`                  |
| SITE_URL      | http://localhost:…  | scheme and host in mails, posters and QR codes; outside        |
|               | in debug            | debug https://, or http://localhost with HTTP_ON_LOCALHOST=1   |
| ALLOWED_HOSTS | host of SITE_URL    | host names that may be asked for, with commas between them     |
| PORT          | 8000                | of `manage.py up`                                              |
| TRUSTED_PROXY_COUNT | 0             | how many proxies stand in front and set X-Forwarded-For        |
| LOG_LEVEL     | WARNING             | of what is written to the log: DEBUG, INFO, WARNING, ERROR     |
| DATABASE_URL  | SQLite in var/      | postgres://…                                                   |
| REDIS_URL     | none (embedded)     | broker and cache; with it a real Celery worker and beat run    |
| EMAIL_URL     | mailbox:// in debug | smtp://user:password@host:port, smtp+tls://, smtps://          |
| DEFAULT_FROM_EMAIL | nabij@ and the | sender of all mail                                             |
|               | host of SITE_URL    |                                                                |
| DATA_DIR      | var/                | SQLite file, mailbox, epoch, erasure journal; files that are   |
|               |                     | made or brought in: addresses/, exports/, letters/             |
| OIDC_SERVER_URL | none              | single sign-on: address of the OpenID Connect provider; also   |
|               |                     | OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_NAME (on the button), |
|               |                     | OIDC_TRUST_EMAIL=1 if it verifies addresses without saying so  |
| INBOX_URL     | none                | the mailbox that receives replies and bounces:                 |
|               |                     | imaps://user:password@host/folder, imap+tls://, maildir://path |
| INBOX_ADDRESS | none                | its address; each mail gets a reply address of its own,        |
|               |                     | answer+…@: the server must support plus addresses, or set      |
|               |                     | INBOX_SEPARATOR to its separator, or to "" when it has none    |
| INBOX_TOKEN_URL | none              | token endpoint of a mailbox without passwords (Microsoft 365): |
|               |                     | OAuth 2.0 client credentials; with INBOX_CLIENT_ID,            |
|               |                     | INBOX_CLIENT_SECRET and perhaps INBOX_SCOPE                    |
| MAIL_HOOK_SECRET | none             | lets a mail provider post delivery reports to /hooks/mail/     |
| SMS_URL       | none (console://    | https://api.notifynl.nl, or another with the same API; also    |
|               | in debug)           | SMS_API_KEY as its site gives it, SMS_TEMPLATES with the ids   |
|               |                     | of its templates (confirm.nl=ID,answer.nl=ID,code.nl=ID,       |
|               |                     | asked.nl=ID,answer.en=…),                                      |
|               |                     | and perhaps SMS_COUNTRIES (NL; others after commas: NL,BE,DE), |
|               |                     | SMS_PER_MINUTE (60), SMS_FROM and SMS_UNTIL (9 and             |
|               |                     | 21: the hours of the day between which texts leave)            |
| SMS_HOOK_SECRET | none              | lets the SMS provider post delivery reports to /hooks/texts/   |
| MAILS_PER_HOUR | 60                 | mails residents may ask for from one network address; no limit |
|               |                     | in debug, where a rehearsal comes from one machine             |
| BEGINNINGS_AT_ONCE | 10             | how many may begin a survey from one network address within    |
|               |                     | ten seconds; the next ones wait; no limit in debug             |
| SECONDS_A_QUESTION | 1              | answers given faster than this are looked at before they count |
|               |                     | (0 in debug: never)                                            |
| SESSION_HOURS | 12                  | a colleague signs in again after so many hours                 |
| SESSION_IDLE_MINUTES | 30           | and after so many minutes without a request                    |
| SECURITY_CONTACT | the municipality's | contact for leaks in /.well-known/security.txt: mailto:… or    |
|               | e-mail address      | https://…; and SECURITY_POLICY, the URL of the disclosure policy|
| OPEN_DATA_LICENCE | CC0             | address of the licence of published outcomes (/api/)           |

How mail leaves; seldom changed (docs/engine.md says what each is for):

| variable      | default             | meaning                                                        |
|---------------|---------------------|----------------------------------------------------------------|
| HOLD_SECONDS  | 600                 | an answer that is released can be stopped for this long        |
| LOOK_SECONDS  | 2; 10 with Redis    | how often jobs look for what is due                            |
| SWEEP_SECONDS | 60                  | how often what dead processes held is freed                    |
| INBOX_SECONDS | 60                  | how often the mailbox is read                                  |
| LEASE_SECONDS | 300                 | a process that shows no life for this long loses its messages  |
| RUNJOBS_LEASE_SECONDS | 6           | the same for `manage.py runjobs`, of which one works           |
| BACKOFF_SECONDS | 60,300,…,86400    | waits between attempts when a relay says "later"               |
| OUTBOX_GROUP  | 20                  | mails handed over within one commit                            |
| FAN_OUT_CHUNK | 1000                | readers who get an answer within one transaction               |
| SMTP_TIMEOUT  | 30                  | seconds                                                        |
| RELAY_REST_SECONDS | 30             | a relay that does not answer is left alone for this long       |
| UNCERTAIN_HOURS | 24                | after this, a person decides about a mail that may have left   |
| HEALTH_DUE_SECONDS | 1800           | a mail due for longer turns /health/ready red                  |
| JOBS_NICE     | 5                   | how far jobs step back for the web on one machine              |
| TESTING, ZEAL | off                 | for tests: no mail leaves; queries per row are errors          |
"""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import production

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
TESTING = env.bool("TESTING", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="only-for-trying-nabij-out" if DEBUG or TESTING else "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "Set SECRET_KEY to a long random text, for example with `openssl rand -base64 48`."
    )

# What verifies signatures of SECRET_KEYs that were replaced: a comma between two.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))
try:
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    PORT = env.int("PORT", default=8000)
except OSError as error:
    raise ImproperlyConfigured(f"DATA_DIR must be a folder that Nabij may write in: {error}") from error
except ValueError as error:
    raise ImproperlyConfigured("PORT must be a number, for example 8000.") from error
KEYS_FILE = Path(env.str("KEYS_FILE", default=str(DATA_DIR / "keys.json")))
SITE_URL = env.str("SITE_URL", default=f"http://localhost:{PORT}").rstrip("/")
SITE_IS_SECURE = SITE_URL.startswith("https://")
if not (DEBUG or TESTING) and (
    refusal := production.reason_to_refuse(
        secret_key=SECRET_KEY,
        site_url=SITE_URL,
        http_on_localhost=env.bool("HTTP_ON_LOCALHOST", default=False),
    )
):
    raise ImproperlyConfigured(refusal)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[urlsplit(SITE_URL).hostname or "localhost"])
if DEBUG or TESTING:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]", "testserver"]

INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "scenarios.apps.ScenariosConfig",
    "surveys.apps.SurveysConfig",
    "initiatives.apps.InitiativesConfig",
    "feedback.apps.FeedbackConfig",
    "neighbourhoods.apps.NeighbourhoodsConfig",
    "accounts.apps.AccountsConfig",
    "core.apps.CoreConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "crispy_forms",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
if env.bool("ZEAL", default=TESTING):
    INSTALLED_APPS.append("zeal")

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.http.PolicyMiddleware",
    "core.http.ConstantTimeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "core.http.SessionTimeoutMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "core.http.RefusalMiddleware",
    "core.http.RetryOnDeadlockMiddleware",
]

if "zeal" in INSTALLED_APPS:
    # In tests a query per row of a list is an error, except where allauth reads the user's own few sessions.
    ZEAL_ALLOWLIST = [
        {"model": "sessions.Session", "field": "get()"},
        {"model": "accounts.User", "field": "get()"},
        # surveys.questionnaire.published: loaded once per version and process.
        {"model": "surveys.SurveyVersion", "field": "get()"},
    ]
    MIDDLEWARE.insert(0, "zeal.middleware.zeal_middleware")

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "core.templatetags.nabij",
                "accounts.templatetags.drafts",
                "neighbourhoods.templatetags.places",
                "feedback.templatetags.wording",
                "initiatives.templatetags.moments",
                "crispy_forms.templatetags.crispy_forms_tags",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.nabij",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["nabij"]
CRISPY_TEMPLATE_PACK = "nabij"

# --- database ---------------------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'nabij.sqlite3'}")}
if DATABASES["default"].get("ENGINE", "").rpartition(".")[2] not in {"sqlite3", "postgresql"}:
    raise ImproperlyConfigured(
        "DATABASE_URL must be postgres://user:password@host:port/name or sqlite:///path."
    )
DATABASES["default"]["CONN_MAX_AGE"] = 600
IS_SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if IS_SQLITE:
    # WAL and IMMEDIATE: writers queue instead of failing on a lock upgrade. secure_delete overwrites erased data
    # instead of leaving it in a free page.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;",
    }
    # A file, so that threads (the live server, runjobs) see the same database.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- jobs and cache ---------------------------------------------------------------------------
REDIS_URL = env.str("REDIS_URL", default="")
CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
# No pickles: anybody who can write to Redis could run code here (see core.cache).
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "Europe/Amsterdam"
# Tasks only poll the database and the next one is seconds away, so Redis keeps no list of unacknowledged messages.
# Kombu 5.7 acknowledges through the connection that a message came by; where Redis was killed meanwhile, that ends
# the worker ("'NoneType' object has no attribute 'client'").
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"ack_emulation": False, "socket_timeout": 2, "max_retries": 0}
    if REDIS_URL
    else {"polling_interval": 0.1}
)
# With Redis a message wakes the worker and polling is the fallback; embedded, polling is all there is.
LOOK_SECONDS = env.float("LOOK_SECONDS", default=10 if REDIS_URL else 2)
SWEEP_SECONDS = env.float("SWEEP_SECONDS", default=60)
INBOX_SECONDS = env.float("INBOX_SECONDS", default=60)
CELERY_BEAT_SCHEDULE = {
    "look": {
        "task": "feedback.tasks.send_due_messages",
        "schedule": LOOK_SECONDS,
        "options": {"expires": 3 * LOOK_SECONDS},
    },
    "recover": {
        "task": "feedback.tasks.recover",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": SWEEP_SECONDS},
    },
    "inbox": {
        "task": "feedback.tasks.inbox",
        "schedule": INBOX_SECONDS,
        "options": {"expires": INBOX_SECONDS},
    },
    "texts": {
        "task": "feedback.tasks.texts",
        "schedule": LOOK_SECONDS,
        "options": {"expires": 3 * LOOK_SECONDS},
    },
    "letters": {"task": "feedback.tasks.make_letters", "schedule": 2.0, "options": {"expires": 6.0}},
    "imports": {"task": "neighbourhoods.tasks.work_on_imports", "schedule": 2.0, "options": {"expires": 6.0}},
    "invite": {"task": "surveys.tasks.invite", "schedule": 2.0, "options": {"expires": 6.0}},
    "export": {"task": "surveys.tasks.export", "schedule": 2.0, "options": {"expires": 6.0}},
    "daily": {"task": "feedback.tasks.daily", "schedule": 600.0, "options": {"expires": 600.0}},
}
CACHES = {
    "default": (
        {"BACKEND": "core.cache.ForgivingRedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        # Django's default keeps 300 entries and drops the oldest: an attacker with 300 addresses would erase all
        # counts.
        else {
            "BACKEND": "core.cache.LocalCache",
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
    )
}

# --- mail -------------------------------------------------------------------------------------
# Read by feedback.delivery.emails: the outbox speaks SMTP itself, to know the moment before DATA.
EMAIL_URL = env.str("EMAIL_URL", default="mailbox://" if DEBUG or TESTING else "")
if not EMAIL_URL:
    raise ImproperlyConfigured(
        "Set EMAIL_URL to your mail relay, for example smtp://user:password@relay.example:587."
    )
DEFAULT_FROM_EMAIL = env.str(
    "DEFAULT_FROM_EMAIL", default=f"nabij@{urlsplit(SITE_URL).hostname or 'localhost'}"
)
# Mail that bypasses the outbox must fail.
EMAIL_BACKEND = (
    "django.core.mail.backends.locmem.EmailBackend"
    if TESTING
    else "feedback.delivery.emails.OutboxOnlyBackend"
)
# The inbox for replies and bounces. Use a separate mailbox: mails are deleted from it once they are read.
INBOX_URL = env.str("INBOX_URL", default="")
INBOX_ADDRESS = env.str("INBOX_ADDRESS", default="").strip()
INBOX_SEPARATOR = env.str("INBOX_SEPARATOR", default="+")
INBOX_TOKEN_URL = env.str("INBOX_TOKEN_URL", default="")
INBOX_CLIENT_ID = env.str("INBOX_CLIENT_ID", default="")
INBOX_CLIENT_SECRET = env.str("INBOX_CLIENT_SECRET", default="")
INBOX_SCOPE = env.str("INBOX_SCOPE", default="https://outlook.office365.com/.default")
INBOX_SCHEMES = {"imaps", "imap+tls", "imap", "maildir"}
if bool(INBOX_URL) != bool(INBOX_ADDRESS):
    raise ImproperlyConfigured(
        "INBOX_URL and INBOX_ADDRESS go together: the mailbox, and the address whose mail comes into it."
    )
if INBOX_URL and (urlsplit(INBOX_URL).scheme not in INBOX_SCHEMES or INBOX_ADDRESS.count("@") != 1):
    raise ImproperlyConfigured(
        "INBOX_URL must be imaps://user:password@host/folder or maildir:///path, and INBOX_ADDRESS one address."
    )
if INBOX_TOKEN_URL and not (INBOX_CLIENT_ID and INBOX_CLIENT_SECRET):
    raise ImproperlyConfigured("INBOX_TOKEN_URL needs INBOX_CLIENT_ID and INBOX_CLIENT_SECRET.")
if len(INBOX_ADDRESS.partition("@")[0]) > 30:
    raise ImproperlyConfigured(
        "INBOX_ADDRESS must have 30 characters before the @ or fewer: what is put behind them has to fit in 64."
    )
MAIL_HOOK_SECRET = env.str("MAIL_HOOK_SECRET", default="")
if MAIL_HOOK_SECRET and len(MAIL_HOOK_SECRET) < 20:
    raise ImproperlyConfigured("MAIL_HOOK_SECRET must be a random text of 20 characters or more.")
SMS_URL = env.str("SMS_URL", default="console://" if DEBUG else "")
SMS_API_KEY = env.str("SMS_API_KEY", default="")
SMS_TEMPLATES = env.dict("SMS_TEMPLATES", default={})
SMS_COUNTRIES = env.list("SMS_COUNTRIES", default=["NL"])
SMS_PER_MINUTE = env.float("SMS_PER_MINUTE", default=60)
if SMS_PER_MINUTE <= 0:
    raise ImproperlyConfigured("SMS_PER_MINUTE must be more than 0: so many texts leave in a minute.")
SMS_FROM, SMS_UNTIL = env.int("SMS_FROM", default=9), env.int("SMS_UNTIL", default=21)
SMS_HOOK_SECRET = env.str("SMS_HOOK_SECRET", default="")
if urlsplit(SMS_URL).scheme in ("http", "https"):
    if len(SMS_API_KEY) < 73:
        raise ImproperlyConfigured(
            "SMS_API_KEY must be the whole key as it was shown once: a name, and two long numbers behind it."
        )
    if lacking := {"confirm.nl", "answer.nl", "code.nl"} - set(SMS_TEMPLATES):
        raise ImproperlyConfigured(f"SMS_TEMPLATES lacks {', '.join(sorted(lacking))}.")
elif SMS_URL not in ("", "console://"):
    raise ImproperlyConfigured("SMS_URL must be https://… or console://.")
if not 0 <= SMS_FROM < SMS_UNTIL <= 24:
    raise ImproperlyConfigured("SMS_FROM and SMS_UNTIL must be hours of one day, such as 9 and 21.")
if SMS_HOOK_SECRET and len(SMS_HOOK_SECRET) < 20:
    raise ImproperlyConfigured("SMS_HOOK_SECRET must be a random text of 20 characters or more.")
MAILS_PER_HOUR = env.int("MAILS_PER_HOUR", default=1_000_000 if DEBUG else 60)
BEGINNINGS_AT_ONCE = env.int("BEGINNINGS_AT_ONCE", default=1_000_000 if DEBUG or TESTING else 10)
SECONDS_A_QUESTION = env.float("SECONDS_A_QUESTION", default=0 if DEBUG or TESTING else 1)
HOLD_SECONDS = env.int("HOLD_SECONDS", default=600)
# Mails that share one commit before DATA and one after it. A crash leaves at most this many uncertain.
OUTBOX_GROUP = env.int("OUTBOX_GROUP", default=20)
# A worker that did not renew its lease for this long is considered dead.
LEASE_SECONDS = env.float("LEASE_SECONDS", default=300)
# One of several `runjobs` processes works; another takes over when its lease expires.
RUNJOBS_LEASE_SECONDS = env.float("RUNJOBS_LEASE_SECONDS", default=6)
# Delays between retries after a temporary failure (4xx), or a connection lost before the mail was accepted.
BACKOFF_SECONDS = env.list("BACKOFF_SECONDS", cast=float, default=[60, 300, 1800, 7200, 21_600, 86_400])
# Niceness of jobs (0 to 19), so that web requests go first on a shared machine.
JOBS_NICE = env.int("JOBS_NICE", default=5)
# Readers per transaction when a follow-up is distributed.
FAN_OUT_CHUNK = env.int("FAN_OUT_CHUNK", default=1_000)
SMTP_TIMEOUT = env.float("SMTP_TIMEOUT", default=30)
RELAY_REST_SECONDS = env.float("RELAY_REST_SECONDS", default=30)
# /health/ready fails when a mail is overdue for this long.
HEALTH_DUE_SECONDS = env.int("HEALTH_DUE_SECONDS", default=1_800)
# How long to wait for a bounce before a colleague may settle an uncertain message.
UNCERTAIN_HOURS = env.float("UNCERTAIN_HOURS", default=24)

# --- sign-in ----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.DemoPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk"
ACCOUNT_ADAPTER = "config.adapter.AccountAdapter"
ACCOUNT_FORMS = {"login": "neighbourhoods.colleagues.forms.LoginForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation is accepted from the mailbox it was sent to
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 900
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_EMAIL_NOTIFICATIONS = True  # the owner is told when a password or second step changes
MFA_ADAPTER = "neighbourhoods.colleagues.sign_in.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or TESTING
MFA_TOTP_ISSUER = "Nabij"
# Single sign-on matches the colleague by e-mail address; nothing from the provider is stored.
OIDC_SERVER_URL = env.str("OIDC_SERVER_URL", default="")
SOCIALACCOUNT_ADAPTER = "neighbourhoods.colleagues.sign_in.SingleSignOnAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = ""
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "oidc",
                "name": env.str("OIDC_NAME", default="OpenID Connect"),
                "client_id": env.str("OIDC_CLIENT_ID"),
                "secret": env.str("OIDC_CLIENT_SECRET", default=""),
                "settings": {
                    "server_url": OIDC_SERVER_URL,
                    # Some providers (Entra ID) do not say whether they verified an address.
                    "verified_email": env.bool("OIDC_TRUST_EMAIL", default=False),
                },
            }
        ]
        if OIDC_SERVER_URL
        else [],
    }
}
ALLAUTH_RATE_LIMIT_IPV6_PREFIX = 56  # the network of one subscriber; core.limits uses it too
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

# --- language and time ------------------------------------------------------------------------
LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", _("Dutch")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Amsterdam"
USE_TZ = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

# --- static files -----------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "core.files.StaticStorage"},
}
WHITENOISE_MAX_AGE = 3600

# --- security ---------------------------------------------------------------------------------
OIDC_ORIGIN = ["{0.scheme}://{0.netloc}".format(urlsplit(OIDC_SERVER_URL))] if OIDC_SERVER_URL else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF, *OIDC_ORIGIN],  # the single sign-on button redirects there
        "base-uri": [NONE],
        "frame-ancestors": [SELF],
        "manifest-src": [SELF],
    }
}
# Passkeys and copying recovery codes need a permission; every other browser feature is denied.
PERMISSIONS_POLICY = ", ".join(
    [
        *(f"{name}=()" for name in (
            "accelerometer", "autoplay", "bluetooth", "browsing-topics", "camera", "display-capture",
            "encrypted-media", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer",
            "microphone", "midi", "payment", "picture-in-picture", "screen-wake-lock", "serial", "usb", "web-share",
            "xr-spatial-tracking",
        )),
        "clipboard-write=(self)",
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
    ]
)  # fmt: skip
SECURITY_CONTACT = env.str("SECURITY_CONTACT", default="")
SECURITY_POLICY = env.str("SECURITY_POLICY", default="")
for name, address in {"SECURITY_CONTACT": SECURITY_CONTACT, "SECURITY_POLICY": SECURITY_POLICY}.items():
    if address and (not address.startswith(("mailto:", "https://", "tel:")) or len(address.split()) > 1):
        raise ImproperlyConfigured(f"{name} must begin with https://, or a contact with mailto: or tel:.")
X_FRAME_OPTIONS = "SAMEORIGIN"  # the desk shows previews in a sandboxed frame of our own
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_HOURS = env.int("SESSION_HOURS", default=12)
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=30)
SESSION_COOKIE_AGE = SESSION_HOURS * 3_600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SITE_IS_SECURE
CSRF_FAILURE_VIEW = "neighbourhoods.front.views.csrf_failure"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SECURE_SSL_REDIRECT = SITE_IS_SECURE and not TESTING
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 31_536_000 if SITE_IS_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SITE_IS_SECURE
if ALLAUTH_TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_HANDLERS = [
    "core.files.SizeLimitUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no_tokens": {"()": "core.logs.TokenRedactingFilter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["no_tokens"]}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
    "loggers": {
        "django.request": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        # Scanners that try other host names get 400; logging each of them is useless.
        "django.security.DisallowedHost": {"handlers": [], "level": "CRITICAL", "propagate": False},
        "nabij": {"handlers": ["console"], "level": "INFO", "propagate": False},
    },
}
# W019 wants every page kept out of frames, but the desk frames its own previews (see X_FRAME_OPTIONS).
SILENCED_SYSTEM_CHECKS = ["security.W019"]

# Licence of published outcomes: CC0, unless the municipality chose another.
OPEN_DATA_LICENCE = env.str("OPEN_DATA_LICENCE", default="https://creativecommons.org/publicdomain/zero/1.0/")
