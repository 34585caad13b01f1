$ErrorActionPreference = 'Stop'
Invoke-WebRequest -UseBasicParsing -Uri $env:URL -OutFile $env:FILE
