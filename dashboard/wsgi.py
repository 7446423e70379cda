"""What a production server loads: `gunicorn -c gunicorn.conf.py dashboard.wsgi:server`."""

from dashboard.app import create_app

server = create_app().server
