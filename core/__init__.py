"""Code that every app uses and no app owns: errors, access, forms, jobs, texts, files. Imports no other app."""
