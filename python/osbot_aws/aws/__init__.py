"""The classes of AWS's services, one folder for each service."""
