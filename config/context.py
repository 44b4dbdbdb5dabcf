def nabij(request):
    return {}
