from django.conf import settings


def test_settings_know_that_these_are_tests():
    assert settings.TESTING and not settings.DEBUG
