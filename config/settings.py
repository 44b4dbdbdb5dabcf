"""Settings come from the environment alone; a missing one fails loudly at start.

| variable      | default             | meaning                                                        |
|---------------|---------------------|----------------------------------------------------------------|
| DEBUG         | off (`make run` on) | mailbox page, styleguide, demo sign-ins                        |
| SECRET_KEY    | required            | signs links and cookies, keys every hash                       |
| SITE_URL      | http://localhost:…  | scheme and host that stand in mails, posters and QR codes; out |
|               | in debug            | of debug https://, or http://localhost with HTTP_ON_LOCALHOST=1|
| DATABASE_URL  | SQLite in var/      | postgres://…                                                   |
| REDIS_URL     | none (embedded)     | broker and cache; with it a real Celery worker and beat run    |
| EMAIL_URL     | mailbox:// in debug | smtp://user:password@host:port, smtp+tls://, smtps://          |
| DATA_DIR      | var/                | SQLite file, mailbox, epoch and erasure journal                |
| OIDC_SERVER_URL | none             | single sign-on: address of the OpenID Connect provider; also   |
|               |                     | OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_NAME (on the button), |
|               |                     | OIDC_TRUST_EMAIL=1 when it does not say that it checks mail    |
| INBOX_URL     | none                | the mailbox where answers and undeliverable mail come in:      |
|               |                     | imaps://user:password@host/folder, imap+tls://, maildir://path |
| INBOX_ADDRESS | none                | the address of that mailbox; each mail answers to one of its   |
|               |                     | own, answer+…@: the server must know plus addresses, or set    |
|               |                     | INBOX_SEPARATOR to its sign, or to nothing when it has none    |
| INBOX_TOKEN_URL | none              | where a mailbox that takes no password (Microsoft 365) gives   |
|               |                     | tokens (OAuth 2.0 client credentials); with INBOX_CLIENT_ID,   |
|               |                     | INBOX_CLIENT_SECRET and perhaps INBOX_SCOPE                    |
| MAIL_HOOK_SECRET | none             | lets a mail provider post what became of mails to /hooks/mail/ |
| SMS_URL       | none (console://    | https://api.notifynl.nl, or another that speaks its API; also  |
|               | in debug)           | SMS_API_KEY as its page gives it, SMS_TEMPLATES with what was  |
|               |                     | made there (confirm.nl=ID,answer.nl=ID,code.nl=ID,             |
|               |                     | asked.nl=ID,answer.en=…)                                       |
|               |                     | and perhaps SMS_PER_MINUTE (60), SMS_FROM and SMS_UNTIL (9 and |
|               |                     | 21: the hours of the day between which texts leave)            |
| SMS_HOOK_SECRET | none              | lets it post what became of texts to /hooks/texts/             |
| MAILS_PER_HOUR | 60                 | mails residents may ask for from one network address; no limit |
|               |                     | in debug, where a rehearsal comes from one machine             |
| BEGINNINGS_AT_ONCE | 10             | who may begin a survey from one network address within ten     |
|               |                     | seconds; the next ones wait; no limit in debug                 |
| SECONDS_A_QUESTION | 1              | answers given faster than this are looked at before they count |
|               |                     | (0 in debug: never)                                            |
| SECURITY_CONTACT | the municipality's | who hears of a leak, in /.well-known/security.txt: mailto:… or  |
|               | e-mail address      | https://…; and SECURITY_POLICY, the address of what is promised|
| OPEN_DATA_LICENCE | CC0             | address of the licence of published outcomes (/api/)           |
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

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))
try:
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    PORT = env.int("PORT", default=8000)
except OSError as error:
    raise ImproperlyConfigured(f"DATA_DIR must be a folder that Nabij may write in: {error}") from error
except ValueError as error:
    raise ImproperlyConfigured("PORT must be a number, for example 8000.") from error
SITE_URL = env.str("SITE_URL", default=f"http://localhost:{PORT}").rstrip("/")
SITE_IS_SECURE = SITE_URL.startswith("https://")
if not (DEBUG or TESTING) and (
    refusal := production.refuses(
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
    "core.policy.PolicyMiddleware",
    "core.pace.ConstantTimeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "core.refusals.Refusals",
    "core.retry.RetryOnDeadlockMiddleware",
]

if "zeal" in INSTALLED_APPS:
    # In tests a query per row of a list is an error; allauth looks one's own few sessions up one by one.
    ZEAL_ALLOWLIST = [
        {"model": "sessions.Session", "field": "get()"},
        {"model": "accounts.User", "field": "get()"},
        # surveys.questionnaire.published: each version once in the life of a process.
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
            "builtins": ["config.templatetags.nabij", "config.templatetags.places"],
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
    # WAL and IMMEDIATE: writers queue instead of failing on a lock upgrade.
    # What is erased is overwritten, not left in a free page.
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
# No pickles: who can write to Redis must not be able to run code here (see config.serializer).
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "Europe/Amsterdam"
# Tasks look at the database and are short: an hour hides nothing, and nothing is restored twice meanwhile.
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"visibility_timeout": 3600, "unacked_restore_throttle": 10, "socket_timeout": 2, "max_retries": 0}
    if REDIS_URL
    else {"polling_interval": 0.1}
)
# With Redis a doorbell calls at once and the look is for what it missed; embedded, looking is all there is.
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
        {"BACKEND": "config.cache.ForgivingRedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        # Django keeps 300 and drops the oldest: a stranger with 300 addresses would wipe out everybody's counts.
        else {
            "BACKEND": "config.cache.LocalCache",
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
    )
}

# --- mail -------------------------------------------------------------------------------------
# Read by feedback.delivery.services.transport: the outbox speaks SMTP itself, to know the moment before DATA.
EMAIL_URL = env.str("EMAIL_URL", default="mailbox://" if DEBUG or TESTING else "")
if not EMAIL_URL:
    raise ImproperlyConfigured(
        "Set EMAIL_URL to your mail relay, for example smtp://user:password@relay.example:587."
    )
DEFAULT_FROM_EMAIL = env.str(
    "DEFAULT_FROM_EMAIL", default=f"nabij@{urlsplit(SITE_URL).hostname or 'localhost'}"
)
# Whatever does not go through the outbox must not leave the house unseen.
EMAIL_BACKEND = (
    "django.core.mail.backends.locmem.EmailBackend" if TESTING else "config.mail.OutboxOnlyBackend"
)
# What comes back: answers of people, and mail that could not be delivered. A mailbox of its own: what was read is
# deleted there.
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
# Mails that share one commit before DATA and one after it. A crash leaves at most so many uncertain.
OUTBOX_GROUP = env.int("OUTBOX_GROUP", default=20)
# After so long a silence of whoever holds a message it is taken to be dead.
LEASE_SECONDS = env.float("LEASE_SECONDS", default=300)
# Of several `runjobs` one works; after this silence another takes over.
RUNJOBS_LEASE_SECONDS = env.float("RUNJOBS_LEASE_SECONDS", default=6)
# When a server says "later" (4xx), or breaks the line before it took the mail.
BACKOFF_SECONDS = env.list("BACKOFF_SECONDS", cast=float, default=[60, 300, 1800, 7200, 21_600, 86_400])
# How far jobs step back for the web on a machine that both are on (0 to 19, as `nice` counts).
JOBS_NICE = env.int("JOBS_NICE", default=5)
# Readers per transaction when a follow-up is handed out.
FAN_OUT_CHUNK = env.int("FAN_OUT_CHUNK", default=1_000)
SMTP_TIMEOUT = env.float("SMTP_TIMEOUT", default=30)
RELAY_REST_SECONDS = env.float("RELAY_REST_SECONDS", default=30)
# Monitoring turns red when a mail waited so long after it was due.
HEALTH_DUE_SECONDS = env.int("HEALTH_DUE_SECONDS", default=1_800)
# A bounce has so long to arrive before a person may say what became of an uncertain message.
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
    {"NAME": "scenarios.checks.NotOfTheDemo"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk"
ACCOUNT_ADAPTER = "config.adapter.AccountAdapter"
ACCOUNT_FORMS = {"login": "config.forms.LoginForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation is accepted from the mailbox it was sent to
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 900
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password or second step is told to its owner
MFA_ADAPTER = "config.adapter.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or TESTING
MFA_TOTP_ISSUER = "Nabij"
# Single sign-on. Who the provider vouches for is the colleague with that address: nothing of it is kept here.
OIDC_SERVER_URL = env.str("OIDC_SERVER_URL", default="")
SOCIALACCOUNT_ADAPTER = "config.adapter.SingleSignOnAdapter"
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
                    # Entra ID, for one, does not say whether it checked an address.
                    "verified_email": env.bool("OIDC_TRUST_EMAIL", default=False),
                },
            }
        ]
        if OIDC_SERVER_URL
        else [],
    }
}
ALLAUTH_RATE_LIMIT_IPV6_PREFIX = 56  # what one subscriber gets, also for core.limits
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
    "staticfiles": {"BACKEND": "config.storage.StaticStorage"},
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
        "form-action": [SELF, *OIDC_ORIGIN],  # the button of single sign-on ends there
        "base-uri": [NONE],
        "frame-ancestors": [SELF],
        "manifest-src": [SELF],
    }
}
# Passkeys and copying recovery codes are used, and nothing else of what a browser can give away.
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
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SITE_IS_SECURE
CSRF_FAILURE_VIEW = "config.views.csrf_failure"
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
    "config.uploads.BoundedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no_tokens": {"()": "config.logs.NoTokens"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["no_tokens"]}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
    "loggers": {
        "django.request": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        # Scanners that try other host names get 400; a line for each of them helps nobody.
        "django.security.DisallowedHost": {"handlers": [], "level": "CRITICAL", "propagate": False},
        "nabij": {"handlers": ["console"], "level": "INFO", "propagate": False},
    },
}
# W019 wants every page kept out of frames; previews are framed by our own desk (see X_FRAME_OPTIONS).
SILENCED_SYSTEM_CHECKS = ["security.W019"]

# What others may do with published outcomes: anything, unless the municipality chose otherwise.
OPEN_DATA_LICENCE = env.str("OPEN_DATA_LICENCE", default="https://creativecommons.org/publicdomain/zero/1.0/")
