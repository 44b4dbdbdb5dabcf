"""As many rows for an answer as ours, in tables with fewer columns and indexes."""

from django.db import models


class Page(models.Model):
    code = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=200)
    body = models.JSONField(default=dict)


class Counter(models.Model):
    key = models.CharField(max_length=60, unique=True)
    n = models.IntegerField(default=0)


class Said(models.Model):
    id = models.UUIDField(primary_key=True)
    page = models.ForeignKey(Page, on_delete=models.CASCADE)
    slot = models.CharField(max_length=60)
    text = models.TextField(blank=True)
    day = models.DateField(auto_now_add=True)


class Owed(models.Model):
    said = models.ForeignKey(Said, on_delete=models.CASCADE)
    page = models.ForeignKey(Page, on_delete=models.CASCADE)
    state = models.CharField(max_length=10, default="open", db_index=True)
    due_on = models.DateField(auto_now_add=True)
